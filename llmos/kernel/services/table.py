"""Every tool that the kernel itself provides, by name."""

from llmos.kernel.services import processes, recall, state, timer
from llmos.kernel.services.syscall import Service

TABLE: dict[str, Service] = {
    service.tool.name: service for service in (*state.SERVICES, *processes.SERVICES, *timer.SERVICES, *recall.SERVICES)
}
RESERVED = frozenset(name.partition(".")[0] for name in TABLE)
