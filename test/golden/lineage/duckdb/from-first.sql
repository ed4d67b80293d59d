from plan_step
