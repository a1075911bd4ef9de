{%- set least_posts = 5 %}
{%- set oldest = equal_ages() | last %}

with measures as (
    -- public engagements, and each part of them alone: some platforms show strangers only a part
    select distinct composite as measure, platform
    from {{ ref('int_composite_components') }}
    where composite = 'engagements_public'
    union all
    select component as measure, platform
    from {{ ref('int_composite_components') }}
    where composite = 'engagements_public'
),

ages as (
    -- first choice: values measured or read between two readings; second: at 28 days also upper bounds
    {%- for age in equal_ages() %}
    select 1 as choice, {{ age }} as age_hours
    union all
    {%- endfor %}
    select 2 as choice, {{ oldest }} as age_hours
),

frames as (
    select
        windows.workspace_id,
        windows.platform,
        windows.scope,
        windows.competitors,
        windows.window_from,
        windows.window_to,
        measures.measure,
        ages.choice,
        ages.age_hours
    from {{ ref('int_rival_windows') }} as windows
    inner join measures on windows.platform = measures.platform
    cross join ages
),

compared as (
    select
        posts.workspace_id,
        posts.platform,
        posts.owner,
        posts.account_name,
        posts.published_date,
        posts.followers_at_publish,
        at_age.metric as measure,
        at_age.age_hours,
        at_age.value,
        at_age.basis
    from {{ ref('int_post_metrics_at_age') }} as at_age
    inner join measures on at_age.metric = measures.measure and at_age.platform = measures.platform
    inner join {{ ref('int_public_posts') }} as posts
        on
            at_age.workspace_id = posts.workspace_id
            and at_age.platform = posts.platform
            and at_age.account_id = posts.account_id
            and at_age.post_id = posts.post_id
    where posts.has_side
),

placed as (
    select
        frames.workspace_id,
        frames.platform,
        frames.scope,
        frames.competitors,
        frames.window_from,
        frames.window_to,
        frames.measure,
        frames.choice,
        frames.age_hours,
        compared.owner,
        compared.value,
        compared.basis,
        compared.followers_at_publish
    from frames
    inner join compared
        on
            frames.workspace_id = compared.workspace_id
            and frames.platform = compared.platform
            and frames.measure = compared.measure
            and frames.age_hours = compared.age_hours
    where
        (frames.choice = 2 or compared.basis <> 'extrapolated')
        and compared.published_date between frames.window_from and frames.window_to
        and (compared.owner = 'own' or frames.scope = 'all' or compared.account_name = frames.competitors)
    union all
    -- a frame without a post is a row too; in an outer join DuckDB would compare every frame with every post
    select *, null as owner, null as value, null as basis, null as followers_at_publish
    from frames
),

sides as (
    select
        workspace_id,
        platform,
        scope,
        competitors,
        window_from,
        window_to,
        measure,
        choice,
        age_hours,
        {%- for side in ['own', 'competitor'] %}
        count(case when owner = '{{ side }}' then value end) as {{ side }}_posts,
        count(case when owner = '{{ side }}' and basis = 'extrapolated' then 1 end)
            as {{ side }}_upper_bounds,
        {{ exact_sum("case when owner = '" ~ side ~ "' then value end") }} as {{ side }}_sum,
        median(case when owner = '{{ side }}' then value end) as {{ side }}_median,
        count(case when owner = '{{ side }}' then followers_at_publish end)
            as {{ side }}_posts_with_followers,
        {{ exact_sum(
            "case when owner = '" ~ side ~ "' and followers_at_publish is not null "
            ~ "then value end"
        ) }} as {{ side }}_sum_with_followers,
        {{ exact_sum("case when owner = '" ~ side ~ "' then followers_at_publish end") }}
            as {{ side }}_followers
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from placed
    group by
        workspace_id, platform, scope, competitors, window_from, window_to, measure, choice, age_hours
),

chosen as (
    -- the oldest age at which both sides have enough posts; else the one with the most on the smaller side
    select *
    from sides
    qualify
        row_number() over (
            partition by workspace_id, platform, scope, competitors, measure
            order by
                case when least(own_posts, competitor_posts) >= {{ least_posts }} then 1 else 2 end,
                case when least(own_posts, competitor_posts) >= {{ least_posts }} then choice end,
                case when least(own_posts, competitor_posts) >= {{ least_posts }} then age_hours end desc,
                least(own_posts, competitor_posts) desc,
                choice,
                age_hours desc
        ) = 1
),

judged as (
    select
        chosen.*,
        case
            when window_from is null then 'no day on which both sides were observed'
            when own_posts < {{ least_posts }} then 'fewer than {{ least_posts }} own posts at an equal age'
            when competitor_posts < {{ least_posts }}
                then 'fewer than {{ least_posts }} posts of competitors at an equal age'
            when 2 * own_upper_bounds > own_posts and 2 * competitor_upper_bounds <= competitor_posts
                then 'most own values are upper bounds, read after 28 days'
            when 2 * own_upper_bounds <= own_posts and 2 * competitor_upper_bounds > competitor_posts
                then 'most values of competitors are upper bounds, read after 28 days'
        end as reason
    from chosen
)

select
    workspace_id,
    platform,
    scope,
    competitors,
    measure,
    window_from,
    window_to,
    case when own_posts > 0 or competitor_posts > 0 then age_hours end as age_hours,
    own_posts,
    competitor_posts,
    own_upper_bounds,
    competitor_upper_bounds,
    round({{ ratio('own_sum', 'own_posts') }}, 6) as own_mean,
    round({{ ratio('competitor_sum', 'competitor_posts') }}, 6) as competitor_mean,
    round(own_median, 7) as own_median,
    round(competitor_median, 7) as competitor_median,
    reason is null as comparable,
    reason,
    case when reason is null then round(own_median - competitor_median, 7) end as difference,
    case when reason is null then round({{ ratio('own_median', 'competitor_median') }}, 9) end as ratio,
    own_posts_with_followers,
    competitor_posts_with_followers,
    case
        when own_posts_with_followers > 0 and competitor_posts_with_followers > 0
            then round(1000 * {{ ratio('own_sum_with_followers', 'own_followers') }}, 9)
    end as own_per_1000_followers,
    case
        when own_posts_with_followers > 0 and competitor_posts_with_followers > 0
            then round(1000 * {{ ratio('competitor_sum_with_followers', 'competitor_followers') }}, 9)
    end as competitor_per_1000_followers
from judged
