"""What people write: strict YAML whose every part knows its place, and faults in it told in plain words."""
