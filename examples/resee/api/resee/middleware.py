"""What happens to every request: the answer says which version made it, and a built-in fault spoils it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from .fault import Fault

Next = Callable[[HttpRequest], HttpResponse]
HEALTH = "/api/health/"

fault = Fault(settings.ENVIRONMENT.behaviour, settings.ENVIRONMENT.fail_after)


class AppVersion:
    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["X-App-Version"] = settings.ENVIRONMENT.version
        return response


class BuiltInFault:
    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The health check says it in its own words.
        if request.path != HEALTH and fault.reason():
            return JsonResponse({"error": "this is our fault, please try again"}, status=500)
        return self.get_response(request)
