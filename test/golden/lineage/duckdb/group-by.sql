select plan_id, method_id, count(*) as steps, max(step_no) as last_step from plan_step where method_id is not null group by plan_id, method_id
