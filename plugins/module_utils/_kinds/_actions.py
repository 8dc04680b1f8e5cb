"""What a listener does with a request: the shape that its default action and its rules share, and the way to and from
AWS's.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html
"""

from __future__ import annotations

from .._resource.types import Choice, Either, ListOf, Number, Part, Record, Ref, Text

_WEIGHTED = Record(
    {
        "target_group": Part(Ref("target_group"), "Who gets a share.", required=True),
        "weight": Part(Number(0, 999), "How large it is, beside the others' weights.", default=1),
    }
)
ACTION = Record(
    {
        "forward": Part(
            Either((Ref("target_group"), ListOf(_WEIGHTED, least=2, most=5))),
            "The target group that gets the request, or several with weights.",
        ),
        "redirect": Part(
            Record(
                {
                    "protocol": Part(Choice(("HTTP", "HTTPS", "#{protocol}")), "The new protocol.", default="HTTPS"),
                    "port": Part(
                        Text(r"\d{1,5}|#\{port\}", 'a port such as "443"'), "The new port, as a text.", default="443"
                    ),
                    "host": Part(Text(most=128), "The new host.", default="#{host}"),
                    "path": Part(Text(r"/.*", "a path", most=128), "The new path.", default="/#{path}"),
                    "query": Part(Text(most=128, least=0), "The new query.", default="#{query}"),
                    "status": Part(Number(301, 302), "301 (for ever) or 302 (for now).", default=301),
                }
            ),
            "Where the user is sent; `{}` sends to HTTPS.",
        ),
        "fixed_response": Part(
            Record(
                {
                    "status": Part(Number(200, 599), "The status code.", required=True),
                    "content_type": Part(
                        Choice(("text/plain", "text/css", "text/html", "application/javascript", "application/json")),
                        "What the body is.",
                        default="text/plain",
                    ),
                    "body": Part(Text(most=1024, least=0), "The body.", default=""),
                }
            ),
            "An answer that the load balancer gives itself.",
        ),
    },
    exactly_one=("forward", "redirect", "fixed_response"),
)
_VALUES = ListOf(Text(most=128), least=1, most=5)
RULE = Record(
    {
        "priority": Part(Number(1, 50000), "Lower numbers are asked first.", required=True),
        "hosts": Part(_VALUES, "Host names; `*` stands for any letters."),
        "paths": Part(_VALUES, "Paths; `*` stands for any letters."),
        "methods": Part(ListOf(Text(r"[A-Z_-]{1,40}", "a method such as GET"), least=1, most=5), "Methods."),
        "headers": Part(
            ListOf(
                Record(
                    {
                        "name": Part(Text(r"[\w!#$%&'*+.^`|~-]{1,40}", "a header's name"), "Which.", required=True),
                        "values": Part(_VALUES, "What it may be; `*` stands for any letters.", required=True),
                    }
                ),
                least=1,
            ),
            "Headers.",
        ),
        "sources": Part(
            ListOf(Text(r"[0-9a-f.:]+/\d{1,3}", "a network such as 203.0.113.0/24"), least=1, most=5), "Where from."
        ),
        "action": Part(ACTION, "What is done with a request that fits.", required=True),
    }
)
