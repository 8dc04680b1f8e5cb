"""Docker on this host: each method runs one command of ``argv`` and reads it with ``parse``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .._common.errors import StairwayError
from .._common.run import check
from .._common.run import run as run_program
from . import argv, parse

PULL_SECONDS = 900
LOOK = "Look at: systemctl status docker; journalctl -u docker -n 50"


class Docker:
    """The Docker Engine of the host this runs on."""

    def pull(self, image: str) -> str:
        """Pull ``image`` and return the ``repository@sha256:...`` that names exactly what came.

        :raises StairwayError: with what is wrong (no such image, no login, registry down, disk full) and what to do.
        """
        done = run_program(argv.pull(image), timeout=PULL_SECONDS)
        if not done.ok:
            wrong, fix = parse.pull_problem(done.stderr) or (
                "See the last lines for the reason.",
                "Mend that, then run the same command again.",
            )
            raise StairwayError(
                f"The image {image} cannot be pulled. {wrong}",
                where=image,
                fix=fix,
                log=done.tail(5),
            )
        reference = self.digest(image)
        if reference is None:
            raise StairwayError(
                f"Docker pulled {image} but does not say which digest it has.",
                where=image,
            )
        return reference

    def digest(self, image: str) -> str | None:
        """``repository@sha256:...`` of an image that is here, else ``None``."""
        done = run_program(argv.inspect_image(image))
        return parse.digest_reference(done.stdout, image) if done.ok else None

    def has(self, image: str) -> bool:
        return run_program(argv.inspect_image(image)).ok

    def containers(self, labels: Mapping[str, str]) -> list[parse.Container]:
        """Every container that carries ``labels``, stopped ones too.

        :raises StairwayError: when Docker does not answer.
        """
        ids = check(argv.list_containers(labels), what="Asking Docker for its containers", fix=LOOK).split()
        return [parse.container(item) for item in self.inspect(ids)]

    def inspect(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """What Docker knows of each container; those that have gone meanwhile are left out.

        :raises StairwayError: when Docker does not answer: that is not the same as that there are none.
        """
        if not ids:
            return []
        done = run_program(argv.inspect_containers(ids))
        try:
            return parse.items(done.stdout, "" if done.ok else done.stderr)
        except ValueError as error:
            raise StairwayError("Docker does not answer.", fix=LOOK, log=[str(error)]) from error

    def start(self, container: argv.Run) -> None:
        """Create and start a container in the background.

        :raises StairwayError: when Docker refuses (port taken, no memory, bad command).
        """
        done = run_program(argv.run(container), timeout=120)
        if not done.ok:
            raise StairwayError(
                f"The container {container.name} did not start.",
                where=container.image,
                fix="The last lines say why; the release that was running goes on.",
                log=done.tail(8),
            )

    def run_once(self, container: argv.Run, *, seconds: float) -> None:
        """Run a container to its end and remove it, also when it takes longer than ``seconds``.

        :raises StairwayError: when it fails or takes too long, with its last lines.
        """
        done = run_program(argv.run(container, detach=False), timeout=seconds)
        if done.ok:
            return
        self.remove([container.name])
        late = done.returncode == 124
        raise StairwayError(
            f"The release task {container.name} "
            + (f"took more than {seconds:g} s." if late else f"failed with exit status {done.returncode}."),
            where=" ".join(container.command) or container.image,
            fix="Mend the task, or raise its timeout_seconds; the release that was running goes on.",
            log=done.tail(20),
        )

    def stop(self, names: Sequence[str], *, seconds: float) -> None:
        """Stop containers gracefully; ``seconds`` is the longest of their own stop times."""
        if names:
            check(
                argv.stop(names),
                what=f"Stopping {', '.join(names)}",
                timeout=seconds + 60,
            )

    def start_again(self, names: Sequence[str]) -> None:
        if names:
            check(argv.start(names), what=f"Starting {', '.join(names)} again")

    def remove(self, names: Sequence[str]) -> None:
        """Remove containers; those that are gone already are no error."""
        if names:
            run_program(argv.remove(names), timeout=120)

    def keep_running(self, names: Sequence[str]) -> None:
        if names:
            check(
                argv.keep_running(names),
                what=f"Setting the restart policy of {', '.join(names)}",
            )

    def last_lines(self, name: str, lines: int = 15) -> list[str]:
        """What a container printed last, both streams."""
        return run_program(argv.logs(name, lines=lines)).tail(lines)

    def has_network(self, name: str) -> bool:
        """Whether Docker answers, and knows the network."""
        return run_program(argv.inspect_network(name)).ok

    def ensure_network(self, name: str, labels: Mapping[str, str]) -> bool:
        """Create the network where it is missing; ``True`` when it was."""
        if self.has_network(name):
            return False
        check(
            argv.create_network(name, labels),
            what=f"Creating the Docker network {name}",
        )
        return True

    def ensure_volume(self, name: str, *, folder: Path, labels: Mapping[str, str]) -> None:
        """Create the volume over ``folder``; Docker itself does nothing when both are there."""
        folder.mkdir(parents=True, exist_ok=True)
        check(
            argv.create_volume(name, folder=str(folder), labels=labels),
            what=f"Creating the Docker volume {name}",
        )

    def remove_images(self, references: Sequence[str]) -> None:
        """Remove images that nothing uses; one in use, or gone already, is no error."""
        for reference in references:
            run_program(argv.remove_image(reference), timeout=120)
