select plan_id, nothing from plan
