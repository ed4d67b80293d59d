(select plan_id from plan intersect all select plan_id from plan_step) except select owner_id from plan
