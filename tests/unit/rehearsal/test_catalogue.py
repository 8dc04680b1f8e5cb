"""What images are made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal import catalogue, layout, state
from rehearsal.catalogue import Image

IMAGE = Image("x:1", "x", "trixie")


@pytest.fixture
def images(tmp_path: Path) -> Path:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "Dockerfile").write_text("FROM y\n")
    return tmp_path


def test_nothing_changed_means_the_same_hash(images: Path) -> None:
    assert catalogue.inputs_of(IMAGE, "b", images) == catalogue.inputs_of(IMAGE, "b", images)


@pytest.mark.parametrize("change", ["content", "mode", "name", "new file"])
def test_any_change_of_the_folder_changes_the_hash(images: Path, change: str) -> None:
    before = catalogue.inputs_of(IMAGE, "b", images)
    file = images / "x" / "Dockerfile"
    match change:
        case "content":
            file.write_text("FROM z\n")
        case "mode":
            file.chmod(0o755)
        case "name":
            file.rename(images / "x" / "Containerfile")
        case _:
            (images / "x" / "more").touch()
    assert catalogue.inputs_of(IMAGE, "b", images) != before


def test_base_and_arguments_count(images: Path) -> None:
    other = Image("x:1", "x", "trixie", arguments=(("MAJOR", "17"),))
    hashes = {catalogue.inputs_of(IMAGE, "b", images), catalogue.inputs_of(IMAGE, "c", images)}
    assert len(hashes | {catalogue.inputs_of(other, "b", images)}) == 3


@pytest.mark.parametrize("image", catalogue.ALL, ids=lambda image: image.tag)
def test_every_image_has_a_folder_and_a_suite(image: Image) -> None:
    dockerfile = (state.IMAGES / image.folder / "Dockerfile").read_text()
    assert image.suite in catalogue.SUITES
    assert all(f"ARG {name}\n" in dockerfile for name, _value in image.arguments)
    assert catalogue.find(image.tag) is image


def test_every_distribution_has_a_host_image() -> None:
    suites = [catalogue.host_image(distribution).suite for distribution in layout.DISTRIBUTIONS]
    assert suites == ["trixie", "bookworm", "noble", "jammy"]
    assert set(catalogue.BUILDABLE) <= set(suites)
    with pytest.raises(KeyError):
        catalogue.host_image("debian11")
