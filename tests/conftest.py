"""What every test shares: hypothesis counts examples, not seconds, so that a busy machine fails no law."""

from hypothesis import HealthCheck, settings

settings.register_profile("msasss", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("msasss")
