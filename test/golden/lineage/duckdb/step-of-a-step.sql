select d.id, d.label from plan_day d where d.label is not null
