insert into AUDIT_LOG (WHO) select USER from DUAL
