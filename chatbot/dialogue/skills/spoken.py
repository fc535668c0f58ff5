"""Times as people say them. In: a moment. Out: 오후 3시 5분. Knows no questions."""

from __future__ import annotations

from datetime import datetime


def spoken_time(moment: datetime) -> str:
    """오후 3시 5분, 밤 12시, 낮 12시 30분, 새벽 2시."""
    hour = moment.hour
    if hour == 0:
        part = "밤"
    elif hour < 6:
        part = "새벽"
    elif hour < 12:
        part = "오전"
    else:
        part = "낮" if hour == 12 else "오후"
    minute = f" {moment.minute}분" if moment.minute else ""
    return f"{part} {hour % 12 or 12}시{minute}"
