"""A stand-in for the AWS Price List API: moto has none.

It answers ``GetProducts`` from a file of products as AWS publishes them: filters that all have to match, pages with
a token, each product as a text.
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class PriceList:
    """``asked`` has every request; ``page`` is the most that one answer holds."""

    products: list[Mapping[str, Any]]
    page: int = 2
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    refuse: tuple[int, str] | None = None  # a status and AWS's code, instead of an answer

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(request)
        assert request["FormatVersion"] == "aws_v1"
        fitting = [one for one in self.products if _fits(one, request["ServiceCode"], request.get("Filters", ()))]
        start = int(request.get("NextToken", 0))
        end = start + min(self.page, request.get("MaxResults", 100))
        more = {"NextToken": str(end)} if end < len(fitting) else {}
        return {"FormatVersion": "aws_v1", "PriceList": [json.dumps(one) for one in fitting[start:end]], **more}


def _fits(product: Mapping[str, Any], service: str, filters: Iterable[Mapping[str, str]]) -> bool:
    described = product["product"]
    values = {**described["attributes"], "productFamily": described.get("productFamily")}
    return product["serviceCode"] == service and all(values.get(one["Field"]) == one["Value"] for one in filters)


@contextmanager
def price_list(products: list[Mapping[str, Any]]) -> Iterator[PriceList]:
    """Serves ``products`` on this machine."""
    serving = PriceList(products)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["X-Amz-Target"] == "AWSPriceListService.GetProducts"
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = 200, serving.answer(request) if serving.refuse is None else {}
            if serving.refuse is not None:
                status, body = serving.refuse[0], {"__type": serving.refuse[1], "message": "refused by the test"}
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    serving.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield serving
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
