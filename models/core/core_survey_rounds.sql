-- Each question of each round of a survey, for the organisation and its departments, with the day the round ended. Where
-- departments landed the organisation is their sum: what was asked of too few landed nowhere, and is not to be had by
-- subtraction. A department that gave no mean is left out of the mean.
with answered as (
    select
        answer.question,
        answer.round,
        answer.department as spelling,
        answer.answers,
        answer.mean,
        answer.share_positive,
        core_files.covers_to,
        cast(date_trunc('month', core_files.covers_to) as date) as month
    from landing_survey_answers as answer
    inner join core_files on core_files.file_sha256 = answer.file_sha256
),
placed as (
    select answered.*, department.reporting_department as department
    from answered
    left join core_departments as department
        on department.source_value = answered.spelling and department.month = answered.month
),
judged as (
    select placed.*, bool_or(spelling is not null) over (partition by question, round) as has_departments
    from placed
),
leveled as (
    select judged.*, 'all' as level_department
    from judged
    where spelling is not null or not has_departments
    union all
    select judged.*, department
    from judged
    where department is not null
)
select
    question,
    round,
    level_department as department,
    max(covers_to) as ended_on,
    cast(sum(answers) as bigint) as answers,
    cast(sum(cast(answers * share_positive as decimal(18, 6))) as double)
    / nullif(sum(case when share_positive is not null then answers end), 0) as share_positive,
    cast(sum(cast(answers * mean as decimal(18, 6))) as double)
    / nullif(sum(case when mean is not null then answers end), 0) as mean
from leveled
group by question, round, level_department
