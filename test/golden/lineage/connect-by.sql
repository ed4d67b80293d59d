select plan_id, name from plan connect by prior plan_id = owner_id
