select plan_id, step_no, count(*) n from plan_step group by plan_id, step_no
