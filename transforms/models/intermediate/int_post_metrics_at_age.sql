with ages as (
    {%- for age in equal_ages() %}
    select {{ age }} as age
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),

readings as (
    select
        readings.workspace_id,
        readings.platform,
        readings.account_id,
        readings.post_id,
        readings.metric,
        readings.value,
        readings.age_hours
    from {{ ref('int_post_readings') }} as readings
    inner join {{ ref('metrics') }} as metrics
        on readings.metric = metrics.metric and metrics.kind = 'counter' and metrics.time_basis = 'lifetime'
    where
        readings.owner = 'own'
        and readings.state = 'observed'
        and readings.age_hours > 0
        and readings.value >= 0
    -- several readings of one instant: the one int_post_metrics would call newest
    qualify
        row_number() over (
            partition by
                readings.workspace_id, readings.platform, readings.account_id, readings.post_id, readings.metric,
                readings.age_hours
            order by
                readings.period_end desc, readings.batch_id desc, readings.source_line desc, readings.value desc
        ) = 1
),

exact as (
    select
        readings.workspace_id,
        readings.platform,
        readings.account_id,
        readings.post_id,
        readings.metric,
        ages.age,
        readings.value,
        readings.age_hours
    from readings
    inner join ages on abs(readings.age_hours - ages.age) <= 0.05 * ages.age
    qualify
        row_number() over (
            partition by
                readings.workspace_id, readings.platform, readings.account_id, readings.post_id, readings.metric,
                ages.age
            order by abs(readings.age_hours - ages.age), readings.age_hours
        ) = 1
),

around as (
    select
        readings.workspace_id,
        readings.platform,
        readings.account_id,
        readings.post_id,
        readings.metric,
        ages.age,
        max(readings.age_hours) filter (where readings.age_hours <= ages.age) as before_hours,
        max_by(readings.value, readings.age_hours) filter (where readings.age_hours <= ages.age) as before_value,
        min(readings.age_hours) filter (where readings.age_hours > ages.age) as after_hours,
        min_by(readings.value, readings.age_hours) filter (where readings.age_hours > ages.age) as after_value
    from readings
    cross join ages
    group by
        readings.workspace_id, readings.platform, readings.account_id, readings.post_id, readings.metric, ages.age
),

judged as (
    select
        around.workspace_id,
        around.platform,
        around.account_id,
        around.post_id,
        around.metric,
        around.age,
        case
            when exact.value is not null then 'exact'
            when around.before_hours is not null and around.after_hours is not null then 'interpolated'
            when around.after_hours is not null and around.age = {{ equal_ages() | last }} then 'extrapolated'
        end as basis,
        exact.value as exact_value,
        exact.age_hours as exact_hours,
        around.before_hours,
        around.before_value,
        around.after_hours,
        around.after_value,
        (ln(around.age) - ln(around.before_hours)) / (ln(around.after_hours) - ln(around.before_hours)) as progress
    from around
    left join exact
        on
            around.workspace_id = exact.workspace_id
            and around.platform = exact.platform
            and around.account_id = exact.account_id
            and around.post_id = exact.post_id
            and around.metric = exact.metric
            and around.age = exact.age
),

valued as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        metric,
        age,
        basis,
        case basis
            when 'exact' then exact_value
            -- straight line in log(age) and log(1 + value)
            when 'interpolated'
                then round(exp(ln(1 + before_value) + progress * (ln(1 + after_value) - ln(1 + before_value))) - 1, 9)
            -- the counter can only have been lower at 28 days: an upper bound
            when 'extrapolated' then after_value
        end as value,
        case
            when basis <> 'exact' then before_hours
            when exact_hours <= age then exact_hours
        end as reading_before_hours,
        case
            when basis <> 'exact' then after_hours
            when exact_hours > age then exact_hours
        end as reading_after_hours
    from judged
    where basis is not null
),

composites as (
    -- the weakest basis of the components is the basis of the sum
    select
        valued.workspace_id,
        valued.platform,
        valued.account_id,
        valued.post_id,
        components.composite as metric,
        valued.age,
        case
            when count(case when valued.basis = 'extrapolated' then 1 end) > 0 then 'extrapolated'
            when count(case when valued.basis = 'interpolated' then 1 end) > 0 then 'interpolated'
            else 'exact'
        end as basis,
        {{ exact_sum('components.sign * valued.value') }} as value,
        min(valued.reading_before_hours) as reading_before_hours,
        max(valued.reading_after_hours) as reading_after_hours
    from valued
    inner join {{ ref('int_composite_components') }} as components
        on valued.platform = components.platform and valued.metric = components.component
    group by
        valued.workspace_id, valued.platform, valued.account_id, valued.post_id, components.composite, valued.age
    having count(*) = max(components.components)
)

select
    workspace_id, platform, account_id, post_id, metric, age as age_hours, value, basis,
    reading_before_hours, reading_after_hours
from valued
union all
select
    workspace_id, platform, account_id, post_id, metric, age as age_hours, value, basis,
    reading_before_hours, reading_after_hours
from composites
