select distinct plan_id, step_no from plan_step where step_no < 5
