"""From labelled films to weights with their cards: the only place that knows torch."""
