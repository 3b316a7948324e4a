"""A pytest plugin (`-p tests.bugs.plugin`): plants the bug the environment names, before any test module is imported."""

from tests.bugs.plant import plant_asked

plant_asked()
