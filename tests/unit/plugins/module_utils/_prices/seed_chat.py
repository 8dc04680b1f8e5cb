"""Seed 000, chat, in us-east-1: its cost tables, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from .seed_items import Item, Lines, Preset, Said, less, six

ATLAS = 50.0  # MongoDB Atlas M10, as the seed says; AWS does not bill it
ONE, TWO, THREE, FOUR = (Preset("chat", f"stage{number}") for number in (1, 2, 3, 4))
SMALL = ONE.but(cloud={"compute": {"size": "t3.small"}})
MACHINE, DISK, FLEET, FLEET_DISK = (
    "instance/app ec2/instance/*",
    "instance/app ebs/*",
    "autoscaling_group/app ec2/instance/*",
    "autoscaling_group/app ebs/*",
)
GP3 = "gp3 costs 0.08 a GB; the seed has the 0.10 of gp2."
ROUNDED = "The seed rounds up: cache.t3.micro is 0.017 an hour."
ADDRESS = "The plan has the public address (3.65), what goes to users (0.90) and the watch too."
BALANCER = (
    "The seed's stage 4 is one machine; ours is a fleet behind a load balancer (29.56, and 7.20 for what goes to "
    "users), with a dashboard, and a repository and three secrets more."
)
SAVED = f"{BALANCER} So more is saved by staying below."


def chat() -> Iterator[Item]:
    def item(line: int, name: str, said: Said, *of: Lines, reason: str = "", others: float = 0) -> Item:
        return Item("000", line, name, said, tuple(of), reason, others)

    yield item(11, "stages: 1", (15, 30), ONE.lines(), reason=ADDRESS)
    yield item(12, "stages: 2", (65, 80), TWO.lines(), others=ATLAS)
    yield item(13, "stages: 3", (80, 95), THREE.lines(), others=ATLAS)
    yield item(14, "stages: 4", (100, 110), FOUR.lines(), others=ATLAS, reason=BALANCER)
    yield item(30, "stage 1: title", (15, 30), ONE.lines(), reason=ADDRESS)
    yield item(34, "stage 1: EC2 t3.small", (15, 15), SMALL.lines(MACHINE))
    yield item(35, "stage 1: EC2 t3.medium", (30, 30), ONE.lines(MACHINE))
    yield item(36, "stage 1: EBS 20 GB", (2, 2), ONE.lines(DISK), reason=GP3)
    yield item(37, "stage 1: together", (17, 32), ONE.lines(), reason=ADDRESS)
    yield item(78, "stage 2: title", (65, 80), TWO.lines(), others=ATLAS)
    yield item(82, "stage 2: EC2 t3.medium", (30, 30), TWO.lines(MACHINE))
    yield item(83, "stage 2: MongoDB Atlas M10", (50, 50), others=ATLAS)
    yield item(84, "stage 2: EBS 20 GB", (2, 2), TWO.lines(DISK), reason=GP3)
    yield item(85, "stage 2: together", (82, 82), TWO.lines(), others=ATLAS)
    yield item(87, "stage 2: more than stage 1", (50, 50), TWO.lines(), less(ONE.lines()), others=ATLAS)
    yield item(208, "stage 3: title", (80, 95), THREE.lines(), others=ATLAS)
    yield item(212, "stage 3: EC2 t3.medium", (30, 30), THREE.lines(MACHINE))
    yield item(213, "stage 3: MongoDB Atlas M10", (50, 50), others=ATLAS)
    yield item(214, "stage 3: ElastiCache t3.micro", (15, 15), THREE.lines("cache/* *"), reason=ROUNDED)
    yield item(215, "stage 3: EBS 20 GB", (2, 2), THREE.lines(DISK), reason=GP3)
    yield item(216, "stage 3: together", (97, 97), THREE.lines(), others=ATLAS)
    yield item(218, "stage 3: more than stage 2", (15, 15), THREE.lines(), less(TWO.lines()), reason=ROUNDED)
    yield item(333, "stage 4: title", (100, 110), FOUR.lines(), others=ATLAS, reason=BALANCER)
    yield item(337, "stage 4: EC2 t3.medium", (30, 30), FOUR.lines(FLEET))
    yield item(338, "stage 4: MongoDB Atlas M10", (50, 50), others=ATLAS)
    yield item(339, "stage 4: ElastiCache t3.micro", (15, 15), FOUR.lines("cache/* *"), reason=ROUNDED)
    files = "The plan assumes 10 GB of files; 100 GB cost 2.30."
    yield item(340, "stage 4: S3 100 GB", (2, 5), FOUR.lines("bucket/* *"), reason=files)
    two = "Two repositories, for which the plan assumes 10 GB each."
    yield item(341, "stage 4: ECR 10 GB", (1, 1), FOUR.lines("repository/* *"), reason=two)
    three = "Four secrets: the seed's, the app's other variables, the fleet's environment, and the password of Redis."
    yield item(342, "stage 4: Secrets Manager", (0.4, 0.4), FOUR.lines("secret/* *"), reason=three)
    yield item(343, "stage 4: EBS 20 GB", (2, 2), FOUR.lines(FLEET_DISK), reason=GP3)
    yield item(344, "stage 4: together", (100, 103), FOUR.lines(), others=ATLAS, reason=BALANCER)
    yield item(346, "stage 4: more than stage 3", (3, 10), FOUR.lines(), less(THREE.lines()), reason=BALANCER)
    yield item(551, "six months: stage 1", (90, 180), *six(ONE.lines()), reason=ADDRESS)
    yield item(552, "six months: stage 2", (390, 480), *six(TWO.lines()), others=6 * ATLAS)
    yield item(553, "six months: stage 3", (480, 570), *six(THREE.lines()), others=6 * ATLAS)
    yield item(554, "six months: stage 4", (600, 660), *six(FOUR.lines()), others=6 * ATLAS, reason=BALANCER)
    one = six(FOUR.lines(), less(ONE.lines()))
    yield item(551, "six months saved: stage 1", (510, 600), *one, others=6 * ATLAS)
    yield item(552, "six months saved: stage 2", (210, 300), *six(FOUR.lines(), less(TWO.lines())), reason=SAVED)
    yield item(553, "six months saved: stage 3", (90, 180), *six(FOUR.lines(), less(THREE.lines())), reason=SAVED)
    yield item(556, "six months saved: most", (600, 600), *one, others=6 * ATLAS)
