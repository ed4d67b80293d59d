select plan_id, value from plan, reading where plan.site_id = reading.site_id(+) and value(+) > 5
