"""An account that is emptied between two tests is there again in a tenth of a second.

moto starts every service of it anew only to throw it away, reads the 1,600 policies of AWS once for each of its six
partitions, and 1,200 images for each region; most tests look at none of that.
"""

from __future__ import annotations

import copy
import functools
from typing import Any

from moto.ec2.models import EC2Backend, amis
from moto.iam.models import AWSManagedPolicy, IAMBackend

_read = IAMBackend._init_aws_policies


@functools.cache
def _policies(account: str, region: str) -> tuple[AWSManagedPolicy, ...]:
    backend = IAMBackend.__new__(IAMBackend)
    backend.account_id, backend.region_name = account, region
    return tuple(_read(backend))  # type: ignore[arg-type]


def _copied(self: IAMBackend) -> list[Any]:
    """None outside of the partition that the tests are in; how often one is attached is the copy's own."""
    return [copy.copy(one) for one in _policies(self.account_id, self.region_name)] if self.region_name == "aws" else []


def _load_images(self: Any) -> None:
    """Those of ``rehearsal/account/moto_fixes/images.py`` are among the default ones."""
    import os

    os.environ["MOTO_AMIS_PATH"] = "none but the default ones"
    try:
        _load(self)
    finally:
        del os.environ["MOTO_AMIS_PATH"]


def _not_twice(_self: Any) -> None:
    """It is dropped in the next line, and made when somebody asks for it."""


_load = amis.AmiBackend._load_amis
amis.AmiBackend._load_amis = _load_images  # type: ignore[method-assign]
IAMBackend._init_aws_policies = _copied  # type: ignore[method-assign,assignment]
IAMBackend.reset = _not_twice  # type: ignore[method-assign,assignment]
EC2Backend.reset = _not_twice  # type: ignore[method-assign,assignment]
