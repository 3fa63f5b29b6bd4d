"""A short run of `llmos bench crash`: kernel, engine and driver killed for real."""

from llmos.bench.crash import bench_crash


def test_nothing_is_lost_and_nothing_is_done_twice_when_parts_are_killed(tmp_path):
    report = bench_crash(tmp_path / "home", runs=9, seed=7, progress=print)
    assert report["killed"]["kernel"] == report["killed"]["engine"] == 3
    assert report["processes_lost"] == report["writes_lost"] == report["writes_doubled"] == report["verify"] == []
