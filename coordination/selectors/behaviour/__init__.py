"""What managers see of agents' behaviour: at a glance, one agent, incidents, and the lists behind numbers.

Everything but those lists is read from what the monitor has counted by day (`models.RateDay`,
`models.DayCell`), over bounded windows.
"""
