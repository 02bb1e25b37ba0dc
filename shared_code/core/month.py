"""Months, each by its first day."""

from datetime import date


def month_of(day: date, *, later: int = 0) -> date:
    """The month of a day or moment, or one so many months later; earlier if negative."""
    number = day.year * 12 + day.month - 1 + later
    return date(number // 12, number % 12 + 1, 1)


def months(first: date, last: date) -> list[date]:
    """From the first one's month to the last one's, without a hole."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [month_of(first, later=n) for n in range(count + 1)]


def last_months(until: date, count: int = 12) -> list[date]:
    """So many, ending with the month of `until`."""
    return months(month_of(until, later=1 - count), until)
