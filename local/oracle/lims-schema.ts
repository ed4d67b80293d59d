/**
 * The LIMS schema as Oracle's own statements, so that the same text sets up a real Oracle database. SAMPLE_PLAN has every awkward
 * type; its primary key is in another order than its columns.
 */
export const limsSchema: readonly string[] = [
  `create table LIMSPRD.PRODUCT (
    PRODUCT_ID varchar2(20) constraint PRODUCT_PK primary key,
    NAME varchar2(80 char) not null,
    GRADE char(4),
    UNIT_PRICE number(12,2),
    DENSITY number,
    INTRODUCED date,
    CHANGED_ON timestamp(6) default localtimestamp not null
  )`,
  `create table LIMSPRD.SAMPLE_PLAN (
    VERSION number(5) not null,
    NAME varchar2(40 char) not null,
    DESCRIPTION nvarchar2(200),
    PRODUCT_ID varchar2(20) constraint SAMPLE_PLAN_PRODUCT_FK references LIMSPRD.PRODUCT (PRODUCT_ID),
    STATUS char(8),
    RETENTION number,
    BATCH_SIZE number(5,-2),
    TOLERANCE number(3,5),
    PRICE number(12,2),
    SERIAL number(38),
    FACTOR float(63),
    LIMIT_LOW binary_double,
    LIMIT_HIGH binary_float,
    VALID_FROM date,
    SAMPLED_AT timestamp(3),
    CHANGED_ON timestamp(6),
    MEASURED_AT timestamp(9),
    RELEASED_AT timestamp(6) with time zone,
    SYNCED_AT timestamp(6) with local time zone,
    SPECIFICATION clob,
    REMARKS nclob,
    ATTACHMENT blob,
    FINGERPRINT raw(16),
    C$LOCATION varchar2(30),
    "Sample type" varchar2(20),
    constraint SAMPLE_PLAN_PK primary key (NAME, VERSION)
  )`,
  `create table LIMSPRD.SAMPLE (
    SAMPLE_NUMBER number(10) constraint SAMPLE_PK primary key,
    PLAN_NAME varchar2(40 char),
    PLAN_VERSION number(5),
    STATUS char(1) default 'U' not null,
    LOGIN_DATE date not null,
    CHANGED_ON timestamp(6) not null,
    constraint SAMPLE_PLAN_FK foreign key (PLAN_NAME, PLAN_VERSION) references LIMSPRD.SAMPLE_PLAN (NAME, VERSION)
  ) rowdependencies`,
  `create table LIMSPRD.RESULT (
    RESULT_NUMBER number(12) constraint RESULT_PK primary key,
    SAMPLE_NUMBER number(10) not null constraint RESULT_SAMPLE_FK references LIMSPRD.SAMPLE,
    ANALYSIS varchar2(30) not null,
    ENTRY varchar2(60),
    NUMERIC_ENTRY number(20,6),
    UNITS varchar2(10),
    CHANGED_ON timestamp(6) not null
  ) rowdependencies`,
  `create table LIMSPRD.BULK (
    ID number(10) constraint BULK_PK primary key,
    CODE varchar2(12) not null,
    NAME varchar2(40) not null,
    AMOUNT number(12,2),
    QUANTITY number(10),
    MEASURED number(15,6),
    CHANGED_ON date not null,
    NOTE varchar2(60)
  )`,
  `create table LIMSPRD.AUDIT_LOG (LOGGED_AT timestamp(6), WHO varchar2(30), WHAT varchar2(200))`,
  `create view LIMSPRD.ACTIVE_SAMPLE_PLAN as
    select p.NAME as PLAN_NAME, p.VERSION as PLAN_VERSION, p.PRICE, p.VALID_FROM, q.NAME as PRODUCT_NAME
    from LIMSPRD.SAMPLE_PLAN p join LIMSPRD.PRODUCT q on q.PRODUCT_ID = p.PRODUCT_ID
    where p.STATUS = 'ACTIVE'`,
  `comment on table LIMSPRD.PRODUCT is 'Products that samples are taken of'`,
  `comment on column LIMSPRD.PRODUCT.PRODUCT_ID is 'Key of the product'`,
  `comment on column LIMSPRD.PRODUCT.UNIT_PRICE is 'Price of one unit in EUR'`,
  `comment on column LIMSPRD.PRODUCT.GRADE is 'Grade, padded with blanks'`,
  `comment on table LIMSPRD.SAMPLE_PLAN is 'Plans that say which samples are taken, when, and what is tested'`,
  `comment on column LIMSPRD.SAMPLE_PLAN.NAME is 'Name of the plan; with the version its key'`,
  `comment on column LIMSPRD.SAMPLE_PLAN.VERSION is 'Version of the plan, counted from 1'`,
  `comment on column LIMSPRD.SAMPLE_PLAN.BATCH_SIZE is 'Units of a batch, in hundreds'`,
  `comment on column LIMSPRD.SAMPLE_PLAN.TOLERANCE is 'Relative tolerance; below one thousandth part'`,
  `comment on column LIMSPRD.SAMPLE_PLAN.C$LOCATION is 'Where the samples are kept; added by a customer''s own module'`,
  `comment on table LIMSPRD.SAMPLE is 'Samples, one row each'`,
  `comment on column LIMSPRD.SAMPLE.STATUS is 'U unreceived, I incomplete, C complete, A authorised, X cancelled'`,
  `comment on table LIMSPRD.RESULT is 'Results of the tests of a sample'`,
  `comment on column LIMSPRD.RESULT.NUMERIC_ENTRY is 'The entry as a number, where it is one'`,
  `comment on table LIMSPRD.BULK is 'Generated rows for measurements of speed'`,
  `comment on table LIMSPRD.ACTIVE_SAMPLE_PLAN is 'Plans in use with the name of their product'`,
];

/** Names and rights for readers: a private synonym, a public one, and users with all, with few and with no rights. */
export const limsAccess: readonly string[] = [
  'create synonym TABLECAST.PLANS for LIMSPRD.SAMPLE_PLAN',
  'create public synonym LIMS_PRODUCT for LIMSPRD.PRODUCT',
  'create public synonym LIMS_RESULT for LIMSPRD.RESULT',
  'grant select on LIMSPRD.PRODUCT to REPORTING',
  'grant select on LIMSPRD.SAMPLE_PLAN to REPORTING',
  'grant select on LIMSPRD.SAMPLE to REPORTING',
  'grant select on LIMSPRD.RESULT to REPORTING',
];
