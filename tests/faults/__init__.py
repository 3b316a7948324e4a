"""The whole house on real engines under real faults, one after another; then everything heals, rests, and is judged."""
