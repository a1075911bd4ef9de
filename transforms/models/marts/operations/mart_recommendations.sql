with newest_version as (
    select workspace_id, max(version) as version
    from {{ ref('stg_strategy') }}
    group by workspace_id
),

own_posts as (
    select
        posts.workspace_id,
        posts.platform,
        posts.account_id,
        posts.post_id,
        posts.published_date,
        posts.local_weekday,
        posts.local_hour,
        posts.topic,
        posts.engagements_public,
        posts.percentile_28d,
        cast({{ local_time('posts.observed_at', "coalesce(workspaces.zone, 'UTC')") }} as date) as observed_date
    from {{ ref('int_post_summary') }} as posts
    left join {{ ref('stg_workspace') }} as workspaces
        on posts.workspace_id = workspaces.workspace_id
    where posts.owner = 'own'
),

read_until as (
    -- the data's own clock: how far the posts of each platform, and of all of them, have been read
    select workspace_id, platform, max(observed_date) as read_until
    from own_posts
    group by workspace_id, platform
    union all
    select workspace_id, cast(null as varchar) as platform, max(observed_date) as read_until
    from own_posts
    group by workspace_id
),

judged as (
    select
        recommendations.workspace_id,
        recommendations.recommendation_id,
        recommendations.kind,
        recommendations.platform,
        recommendations.subject,
        recommendations.weekday,
        recommendations.hour,
        recommendations.metric,
        recommendations.window_start,
        recommendations.due_on,
        case
            when recommendations.abstained then 'abstained'
            when read_until.read_until > recommendations.due_on then 'due'
            else 'open'
        end as state
    from {{ ref('stg_recommendation') }} as recommendations
    left join read_until
        on
            recommendations.workspace_id = read_until.workspace_id
            and (
                recommendations.platform = read_until.platform
                or (recommendations.platform is null and read_until.platform is null)
            )
),

in_window as (
    -- own posts published after the numbers of the advice and not after its due day
    select
        judged.workspace_id,
        judged.recommendation_id,
        judged.kind,
        judged.subject,
        judged.weekday,
        judged.hour,
        judged.metric,
        judged.window_start,
        judged.due_on,
        posts.platform,
        posts.account_id,
        posts.post_id,
        posts.local_weekday,
        posts.local_hour,
        posts.topic,
        posts.engagements_public,
        posts.percentile_28d
    from judged
    left join own_posts as posts
        on
            judged.workspace_id = posts.workspace_id
            and (judged.platform = posts.platform or judged.platform is null)
            and posts.published_date > judged.window_start
            and posts.published_date <= judged.due_on
    where judged.state = 'due'
),

cadence as (
    select
        workspace_id,
        recommendation_id,
        count(post_id) as observed_posts,
        round(
            {{ ratio('cast(count(post_id) as double) * 7', 'cast(' ~ days_between('window_start', 'due_on') ~ ' as double)') }}, 9
        ) as observed_value
    from in_window
    where kind = 'cadence'
    group by workspace_id, recommendation_id, window_start, due_on
),

shares as (
    select
        workspace_id,
        recommendation_id,
        count(topic) as observed_posts,
        round(
            {{ ratio('cast(count(case when topic = subject then 1 end) as double)', 'count(topic)') }}, 9
        ) as observed_value
    from in_window
    where kind = 'pillar_share'
    group by workspace_id, recommendation_id
),

slots as (
    select
        workspace_id,
        recommendation_id,
        count(percentile_28d) as observed_posts,
        {{ shrunk_percentile('percentile_28d') }} as observed_value
    from in_window
    where kind = 'slot' and local_weekday = weekday and local_hour = hour
    group by workspace_id, recommendation_id
),

rate_goals as (
    select
        in_window.workspace_id,
        in_window.recommendation_id,
        count(*) as observed_posts,
        round({{ ratio(exact_sum('rates.numerator'), exact_sum('rates.denominator')) }}, 9) as observed_value
    from in_window
    inner join {{ ref('int_post_rates') }} as rates
        on
            in_window.workspace_id = rates.workspace_id
            and in_window.platform = rates.platform
            and in_window.account_id = rates.account_id
            and in_window.post_id = rates.post_id
            and in_window.metric = rates.rate
    where in_window.kind = 'goal' and rates.numerator is not null and rates.denominator is not null
    group by in_window.workspace_id, in_window.recommendation_id
),

median_goals as (
    select
        workspace_id,
        recommendation_id,
        count(engagements_public) as observed_posts,
        round(median(engagements_public), 9) as observed_value
    from in_window
    where kind = 'goal' and metric = 'engagements_public'
    group by workspace_id, recommendation_id
),

observed as (
    select workspace_id, recommendation_id, observed_posts, observed_value from cadence
    union all
    select workspace_id, recommendation_id, observed_posts, observed_value from shares
    union all
    select workspace_id, recommendation_id, observed_posts, observed_value from slots
    union all
    select workspace_id, recommendation_id, observed_posts, observed_value from rate_goals
    union all
    select workspace_id, recommendation_id, observed_posts, observed_value from median_goals
)

select
    recommendations.workspace_id,
    recommendations.recommendation_id,
    recommendations.strategy_id,
    strategies.version as strategy_version,
    strategies.version = newest_version.version as is_current,
    recommendations.made_at,
    recommendations.kind,
    recommendations.platform,
    recommendations.subject,
    cast(recommendations.weekday as integer) as local_weekday,
    cast(recommendations.hour as integer) as local_hour,
    recommendations.metric,
    recommendations.unit,
    recommendations.direction,
    recommendations.baseline,
    recommendations.target,
    round({{ ratio('recommendations.target', 'recommendations.baseline') }} - 1, 9) as relative_change,
    recommendations.confidence,
    recommendations.window_start,
    recommendations.due_on,
    recommendations.fact_ids,
    recommendations.statement,
    judged.state,
    observed.observed_posts,
    observed.observed_value,
    cast(null as double) as graded_value
from {{ ref('stg_recommendation') }} as recommendations
inner join judged
    on
        recommendations.workspace_id = judged.workspace_id
        and recommendations.recommendation_id = judged.recommendation_id
inner join {{ ref('stg_strategy') }} as strategies
    on
        recommendations.workspace_id = strategies.workspace_id
        and recommendations.strategy_id = strategies.strategy_id
inner join newest_version
    on recommendations.workspace_id = newest_version.workspace_id
left join observed
    on
        recommendations.workspace_id = observed.workspace_id
        and recommendations.recommendation_id = observed.recommendation_id
