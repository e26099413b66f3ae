"""Messy variants of cases: the same wish as people, programs and bad luck would send it."""
