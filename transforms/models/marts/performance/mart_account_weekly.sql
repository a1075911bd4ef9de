with posts as (
    select * from {{ ref('int_post_performance') }}
),

spans as (
    select workspace_id, platform, account_id, account_name, first_week, last_week
    from {{ ref('int_account_spans') }}
),

{{ weekly_performance(
    ['workspace_id', 'platform', 'account_id'], ['workspace_id', 'platform', 'account_id']
) }},

numbers as (
    select
        workspace_id,
        platform,
        account_id,
        week,
        {{- additive_day_sums(account_sums()) }}
    from {{ ref('int_account_days') }}
    where state = 'observed'
    group by workspace_id, platform, account_id, week
),

number_breaks as (
    select
        weeks.workspace_id,
        weeks.platform,
        weeks.account_id,
        weeks.week,
        {%- for name in compared_account_sums() %}
        count(case when breaks.metric = '{{ name }}' then 1 end) as {{ name }}_breaks
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from weeks
    inner join {{ ref('int_metric_breaks') }} as breaks
        on
            weeks.platform = breaks.platform
            and {{ days_between('weeks.week', 'breaks.break_day') }} > -7
            and {{ days_between('weeks.week', 'breaks.break_day') }} <= 6
    group by weeks.workspace_id, weeks.platform, weeks.account_id, weeks.week
),

followers as (
    -- the last reading of the local week
    select
        workspace_id,
        platform,
        account_id,
        cast(date_trunc('week', reading_date) as date) as week,
        value
    from {{ ref('int_account_readings') }}
    where metric = 'followers'
    qualify
        row_number() over (
            partition by workspace_id, platform, account_id, cast(date_trunc('week', reading_date) as date)
            order by reading_at desc, observed_at desc, batch_id desc, source_line desc, value desc
        ) = 1
)

select
    weekly.workspace_id,
    weekly.platform,
    weekly.account_id,
    spans.account_name,
    {%- for column in weekly_columns() %}
    weekly.{{ column }},
    {%- endfor %}
    {%- for name in account_sums() %}
    numbers.{{ name }},
    -- a count of readings, not a metric
    case when numbers.days_with_{{ name }} is null then 0 else numbers.days_with_{{ name }} end as days_with_{{ name }},
    {%- endfor %}
    {%- for name in compared_account_sums() %}
    case
        when
            numbers.days_with_{{ name }} = 7
            and (number_breaks.{{ name }}_breaks is null or number_breaks.{{ name }}_breaks = 0)
            and lag(numbers.days_with_{{ name }}) over (
                partition by weekly.workspace_id, weekly.platform, weekly.account_id order by weekly.week
            ) = 7
            then numbers.{{ name }} - lag(numbers.{{ name }}) over (
                partition by weekly.workspace_id, weekly.platform, weekly.account_id order by weekly.week
            )
    end as {{ name }}_change,
    {%- endfor %}
    followers.value as followers
from weekly
inner join spans
    on
        weekly.workspace_id = spans.workspace_id
        and weekly.platform = spans.platform
        and weekly.account_id = spans.account_id
left join numbers
    on
        weekly.workspace_id = numbers.workspace_id
        and weekly.platform = numbers.platform
        and weekly.account_id = numbers.account_id
        and weekly.week = numbers.week
left join number_breaks
    on
        weekly.workspace_id = number_breaks.workspace_id
        and weekly.platform = number_breaks.platform
        and weekly.account_id = number_breaks.account_id
        and weekly.week = number_breaks.week
left join followers
    on
        weekly.workspace_id = followers.workspace_id
        and weekly.platform = followers.platform
        and weekly.account_id = followers.account_id
        and weekly.week = followers.week
