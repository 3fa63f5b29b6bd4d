"""The main job, shown: a sketch becomes a website with a living backend."""
