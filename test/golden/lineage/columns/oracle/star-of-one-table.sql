select s.*, p.PRODUCT_ID from SAMPLE s join SAMPLE_PLAN p on p.NAME = s.PLAN_NAME and p.VERSION = s.PLAN_VERSION
