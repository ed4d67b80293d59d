select plan_id, count(*) steps from plan_step group by plan_id
