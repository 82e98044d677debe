from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"

    def ready(self) -> None:
        from audit import commitments

        from . import rights

        rights.connect()
        commitments.keeps(
            {
                "verdict.given": "comment",
                "verdict.pending": "comment",
                "escalation.remarked": "text",
                "escalation.handed_over": "text",
            }
        )
