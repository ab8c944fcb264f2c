"""An exam made readable: table, overlay."""
