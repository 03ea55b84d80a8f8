"""Schedules as CDI reads them, and when they fire."""
