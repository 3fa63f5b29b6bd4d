"""What the routers of the control API are given."""

from typing import Annotated

from fastapi import Depends, Request

from llmos.http.sites import Sites
from llmos.kernel.kernel import Kernel


def _kernel(request: Request) -> Kernel:
    kernel: Kernel = request.app.state.kernel
    return kernel


def _sites(request: Request) -> Sites:
    sites: Sites = request.app.state.sites
    return sites


InKernel = Annotated[Kernel, Depends(_kernel)]
InSites = Annotated[Sites, Depends(_sites)]
