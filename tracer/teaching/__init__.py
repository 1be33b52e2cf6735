"""A run as a lesson: what makes it a poor one, and which start values make a good one."""

from __future__ import annotations

from tracer.teaching.lesson import Lesson, lesson_of
from tracer.teaching.measures import MEASURES, Finding, Measure, findings

__all__ = ["MEASURES", "Finding", "Lesson", "Measure", "findings", "lesson_of"]
