"""Every address of the app. The front end is served by another image, static files by the edge."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from cards.urls import urlpatterns as cards

urlpatterns = [
    path("api/", include(cards)),
    path("admin/", admin.site.urls),
]
