"""The cost tables of the five seeds, line by line, and the lines of theirs that no plan can answer."""

from __future__ import annotations

from .seed_chat import chat
from .seed_iamvet import iamvet
from .seed_promo import promo
from .seed_resee import resee
from .seed_shop import built, month
from .seed_shop_growth import growth, savings

ITEMS = (*chat(), *resee(), *iamvet(), *built(), *month(), *savings(), *growth(), *promo())

_FREE = "a phase in which nothing is paid for"
_RESERVATION = "what a reservation or a savings plan saves: the account's, not the app's"
_SUM = "a sum of figures that stand beside it"
_STATE = "saved beside a state that the document does not describe"
_OTHERS = "not AWS, or not made by Stairway"
# Lines with a sum of dollars that are no cost of something in a plan, each with the reason.
LEFT_OUT: dict[str, dict[int, str]] = {
    "000": {},
    "001": {403: "what the app earns"},
    "002": {251: _FREE, 260: _FREE},
    "003": {
        341: _RESERVATION, 345: _RESERVATION, 692: _FREE, 752: _OTHERS, 757: _OTHERS, 844: _OTHERS,
        866: _OTHERS, 880: _OTHERS, 895: _FREE, 920: _FREE, 1043: _SUM, 1047: _SUM, 1061: _STATE, 1065: _STATE,
        1070: _STATE, 1074: _STATE, 1079: _RESERVATION, 1083: _RESERVATION, 1098: _STATE, 1101: _SUM, 1102: _SUM,
        1103: _SUM, 1105: _SUM, 1112: "the budget: tests/unit/plugins/module_utils/_stages/seeds has it",
        1419: _SUM, 1422: _SUM, 1423: _SUM,
    },
    "004": {834: _FREE, 836: _FREE, 837: _FREE, 591: "a shell's variable", 595: "a shell's variable"},
}  # fmt: skip
