"""The collector waits while the block runs, and is as before afterwards."""

from __future__ import annotations

import gc

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.garbage import uncollected


@pytest.mark.parametrize("before", [True, False], ids=["on", "off"])
def test_as_before(before):
    on = gc.isenabled()
    (gc.enable if before else gc.disable)()
    try:
        with uncollected():
            assert not gc.isenabled()
        assert gc.isenabled() == before
        with pytest.raises(ValueError, match="inside"), uncollected():
            raise ValueError("inside")
        assert gc.isenabled() == before
    finally:
        (gc.enable if on else gc.disable)()
