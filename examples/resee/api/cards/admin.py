"""What the administrator sees."""

from __future__ import annotations

from django.contrib import admin

from .models import Card


@admin.register(Card)
class CardAdmin(admin.ModelAdmin):
    list_display = ("question", "box", "due_at")
    search_fields = ("question", "answer")
