"""The shell's panels by key: each is a widget that takes the line to the kernel."""

from llmos.shell.panels.approvals import ApprovalsPanel
from llmos.shell.panels.drivers import DriversPanel
from llmos.shell.panels.messages import OpenEvent, OpenProcess
from llmos.shell.panels.models import ModelsPanel
from llmos.shell.panels.panel import Panel
from llmos.shell.panels.processes import ProcessesPanel
from llmos.shell.panels.search import SearchPanel
from llmos.shell.panels.state import StatePanel
from llmos.shell.panels.syscalls import SyscallsPanel

PANELS: dict[str, type[Panel]] = {
    panel.key: panel
    for panel in (
        ProcessesPanel,
        SyscallsPanel,
        ApprovalsPanel,
        StatePanel,
        DriversPanel,
        ModelsPanel,
        SearchPanel,
    )
}

__all__ = ["PANELS", "OpenEvent", "OpenProcess", "Panel"]
