"""Notebooks for a class: exercises found in the chapters, marked by nbgrader, handed out without their solutions."""
