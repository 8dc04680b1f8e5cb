"""The images that the rehearsal's account knows, under the name that tests know them by."""

from __future__ import annotations

from rehearsal.account.amis import CANONICAL, DEBIAN, IMAGES, Image

__all__ = ["CANONICAL", "DEBIAN", "IMAGES", "Image"]
