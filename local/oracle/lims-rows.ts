/** 40,000 characters: Oracle's texts in SQL end at 4000 bytes, its CLOBs do not. */
const longText = Array.from({ length: 10 }, () => "to_clob(rpad('0123456789', 4000, '0123456789'))").join(' || ');

/** The small, hand-made rows of the LIMS schema: edges of every type. */
export const limsRows: readonly string[] = [
  `insert into LIMSPRD.PRODUCT values ('P-100', 'Sodium chloride', 'A', 12.5, 2.165, date '2001-02-03', timestamp '2024-01-01 08:00:00')`,
  `insert into LIMSPRD.PRODUCT values ('P-200', 'Käsehärtungsmittel β', 'B2', 0.01, 1.0000000000000000000000000000000000001, date '1999-12-31', timestamp '2024-01-02 08:00:00.000001')`,
  `insert into LIMSPRD.PRODUCT values ('P-300', '硫酸', null, 9999999999.99, .00001, null, timestamp '2024-01-03 08:00:00.999999')`,
  `insert into LIMSPRD.PRODUCT values ('P-400', 'Ethanol 🍷', 'AAAA', -1, 123456789012345678901234567890, date '2024-02-29', timestamp '2024-02-29 23:59:59.5')`,
  `insert into LIMSPRD.SAMPLE_PLAN (VERSION, NAME, DESCRIPTION, PRODUCT_ID, STATUS, RETENTION, BATCH_SIZE, TOLERANCE, PRICE, SERIAL, FACTOR, LIMIT_LOW, LIMIT_HIGH, VALID_FROM, SAMPLED_AT, CHANGED_ON, MEASURED_AT, RELEASED_AT, SYNCED_AT, SPECIFICATION, REMARKS, ATTACHMENT, FINGERPRINT, C$LOCATION, "Sample type")
   values (1, 'WATER-DAILY', N'Täglich, 毎日, 🧪', 'P-100', 'ACTIVE', .5, 12300, .00123, 1234.5, 99999999999999999999999999999999999999, 1.5, 1.0e-300, 3.25,
     to_date('0050-03-01 12:30:45', 'YYYY-MM-DD HH24:MI:SS'), timestamp '2024-03-10 02:30:00.123', timestamp '2024-03-31 02:30:00.123456', timestamp '2024-03-31 02:30:00.123456789',
     timestamp '2024-06-01 12:00:00.000001 +05:30', timestamp '2024-06-01 12:00:00 +02:00', 'pH between 6.5 and 8.5', N'検査', hextoraw('00FF10'), hextoraw('00112233445566778899AABBCCDDEEFF'), 'Shelf 4', 'liquid')`,
  `insert into LIMSPRD.SAMPLE_PLAN (VERSION, NAME, DESCRIPTION, PRODUCT_ID, STATUS, RETENTION, BATCH_SIZE, TOLERANCE, PRICE, SERIAL, FACTOR, LIMIT_LOW, LIMIT_HIGH, VALID_FROM, SAMPLED_AT, CHANGED_ON, MEASURED_AT, RELEASED_AT, SYNCED_AT, SPECIFICATION, REMARKS, ATTACHMENT, FINGERPRINT, C$LOCATION, "Sample type")
   values (2, 'WATER-DAILY', N'second version', 'P-100', 'DRAFT', -.00001, -500, -.00999, -.01, -1, 1e-20, -1.7976931348623157e308d, -0.5,
     date '2024-03-31', timestamp '1969-12-31 23:59:59.999', timestamp '9999-12-31 23:59:59.999999', timestamp '1970-01-01 00:00:00.000000001',
     timestamp '2024-01-01 00:00:00 -11:00', timestamp '1999-12-31 23:59:59.999999 +00:00', null, null, null, null, null, null)`,
  `insert into LIMSPRD.SAMPLE_PLAN (VERSION, NAME, PRODUCT_ID, STATUS, RETENTION, SERIAL, VALID_FROM, CHANGED_ON) values (1, 'STABILITY', 'P-200', 'ACTIVE', 12345678901234567890.123456789012345678, 0, to_date('2024-03-31 02:30:00', 'YYYY-MM-DD HH24:MI:SS'), timestamp '0001-01-01 00:00:00')`,
  `insert into LIMSPRD.SAMPLE_PLAN (VERSION, NAME) values (1, 'EMPTY')`,
  `insert into LIMSPRD.SAMPLE_PLAN (VERSION, NAME, PRODUCT_ID, STATUS, SPECIFICATION, REMARKS, ATTACHMENT) values (1, 'LONG-TEXTS', 'P-400', 'ACTIVE', ${longText}, to_nclob(rpad('äöü€', 1500, 'äöü€')), to_blob(hextoraw(rpad('00FF', 4000, '00FF'))))`,
];
