#include <algorithm>
#include <cmath>
#include <utility>

#include "shading.h"
#include "thz/core/constants.h"
#include "thz/core/error.h"
#include "thz/core/parallel.h"
#include "thz/sim/camera.h"
#include "trace.h"

namespace thz::sim {

using internal::Hit;
using internal::kLanes;
using internal::RayPacket;
using internal::SurfacePoint;
using internal::to_vec;
using internal::Tracer;
using internal::Vec3f;

namespace {

constexpr int kTile = 4;  // kTile^2 pixels fill a packet
static_assert(kTile * kTile == kLanes);
// Sub-streams of kCamera that rendering takes; callers' own draws stay below.
constexpr uint32_t kRenderStream = 0x10000000;
// Light that bleeds through skin reaches past an obstacle this small.
constexpr float kSkinBleed_m = 1e-3F;
// A surface that another surface sees is itself half walled in.
constexpr float kBounceOpenness = 0.5F;

using Lanes = std::array<Vec3f, kLanes>;

struct Light {
  Vec3f direction;
  Vec3f right, up;  // of the disc, scaled to its radius
  Vec3f irradiance;
};

struct Frame {  // what the tiles share
  const Tracer* tracer;
  const VisibleCamera* camera;
  std::vector<Light> lights;
  Vec3f sky_mean, sky_slope, background;
  uint64_t seed, entity;

  Vec3f sky(const Vec3f& d) const { return sky_mean + d.y() * sky_slope; }
};

struct Point2 {
  float x, y;
};

/// Element `index` of the additive recurrence by the plastic number (M. Roberts, 2018), shifted.
Point2 r2_point(const Point2& shift, int index) {
  const double x = shift.x + index * 0.7548776662466927;
  const double y = shift.y + index * 0.5698402909980532;
  return {static_cast<float>(x - std::floor(x)), static_cast<float>(y - std::floor(y))};
}

/// Two unit vectors that complete n (Duff et al., JCGT 6(1), 2017).
std::pair<Vec3f, Vec3f> tangents(const Vec3f& n) {
  const float sign = std::copysign(1.0F, n.z());
  const float a = -1.0F / (sign + n.z());
  const float b = n.x() * n.y() * a;
  return {Vec3f(1.0F + sign * n.x() * n.x() * a, sign * b, -sign * n.x()),
          Vec3f(b, sign + n.y() * n.y() * a, -n.y())};
}

Point2 on_disc(const Point2& u) {
  const float r = std::sqrt(u.x);
  const float phi = static_cast<float>(2.0 * kPi) * u.y;
  return {r * std::cos(phi), r * std::sin(phi)};
}

Light make_light(const Lamp& lamp) {
  const Vec3f d = lamp.direction.normalized().cast<float>();
  const auto [right, up] = tangents(d);
  const float radius = static_cast<float>(std::tan(lamp.angular_radius_rad));
  return {d, radius * right, radius * up, to_vec(lamp.irradiance)};
}

/// Random shifts of a pixel's sample sets.
struct PixelShifts {
  Point2 place, lamp, sky;
};

/// A 4 x 4 tile of pixels, one packet lane each.
class Tile {
 public:
  Tile(const Frame& frame, int top, int left) : frame_(frame), top_(top), left_(left) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const int pixel = row(lane) * frame.camera->render_size + col(lane);
      Rng rng(frame.seed, RngPurpose::kCamera, frame.entity,
              kRenderStream + static_cast<uint32_t>(pixel));
      const auto draw = [&rng]() {
        const double x = rng.uniform();
        return Point2{static_cast<float>(x), static_cast<float>(rng.uniform())};
      };
      PixelShifts& shifts = shifts_[static_cast<std::size_t>(lane)];
      shifts.place = draw();
      shifts.lamp = draw();
      shifts.sky = draw();
    }
    sum_.fill(Vec3f::Zero());
  }

  void render(RgbImage& out) {
    const int count = frame_.camera->samples_per_pixel;
    for (int s = 0; s < count; ++s) add_sample(s);
    for (int lane = 0; lane < kLanes; ++lane) {
      const Vec3f mean = sum_[static_cast<std::size_t>(lane)] / static_cast<float>(count);
      for (int k = 0; k < 3; ++k) out[static_cast<std::size_t>(k)](row(lane), col(lane)) = mean[k];
    }
  }

 private:
  int row(int lane) const { return top_ + lane / kTile; }
  int col(int lane) const { return left_ + lane % kTile; }

  Vec3f primary_direction(int lane, int sample) const;
  void add_sample(int sample);
  void add_lamps(const RayPacket& view, int sample, Lanes& sum) const;
  void add_ambient(const RayPacket& view, int sample, Lanes& sum) const;
  Lanes incoming(const RayPacket& rays) const;

  const Frame& frame_;
  int top_, left_;
  std::array<PixelShifts, kLanes> shifts_;
  Lanes sum_;
  std::array<SurfacePoint, kLanes> points_;
};

Vec3f Tile::primary_direction(int lane, int sample) const {
  const VisibleCamera& camera = *frame_.camera;
  const int side = camera.samples_per_pixel == 16 ? 4 : (camera.samples_per_pixel == 4 ? 2 : 1);
  const Point2 jitter = r2_point(shifts_[static_cast<std::size_t>(lane)].place, sample);
  const double u = (sample % side + static_cast<double>(jitter.x)) / side;
  const double v = (sample / side + static_cast<double>(jitter.y)) / side;
  const double n = camera.render_size;
  const Vec3 target(camera.field_centre_m.x() + ((col(lane) + u) / n - 0.5) * camera.field_m.x(),
                    camera.field_centre_m.y() - ((row(lane) + v) / n - 0.5) * camera.field_m.y(),
                    0.0);
  return (target - camera.position_m).normalized().cast<float>();
}

void Tile::add_sample(int sample) {
  RayPacket view;
  const Vec3f eye = frame_.camera->position_m.cast<float>();
  for (int lane = 0; lane < kLanes; ++lane) view.set(lane, eye, primary_direction(lane, sample));
  std::array<Hit, kLanes> hits;
  frame_.tracer->closest(view, true, hits);
  for (std::size_t i = 0; i < kLanes; ++i) {
    view.active[i] = hits[i].object >= 0;
    if (view.active[i]) {
      points_[i] = frame_.tracer->point(hits[i], view.direction[i]);
    } else {
      sum_[i] += frame_.background;
    }
  }
  if (!view.any()) return;
  add_lamps(view, sample, sum_);
  add_ambient(view, sample, sum_);
}

void Tile::add_lamps(const RayPacket& view, int sample, Lanes& sum) const {
  for (const Light& light : frame_.lights) {
    RayPacket rays;
    Lanes contribution;
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto i = static_cast<std::size_t>(lane);
      if (!view.active[i]) continue;
      const Point2 p = on_disc(r2_point(shifts_[i].lamp, sample));
      const Vec3f l = (light.direction + p.x * light.right + p.y * light.up).normalized();
      const internal::Surface& surface = points_[i].surface;
      contribution[i] =
          internal::reflected(surface, -view.direction[i], l).cwiseProduct(light.irradiance);
      if (contribution[i].maxCoeff() <= 0.0F) continue;
      const bool skin = surface.kind == VisibleKind::kSkin;
      rays.set(lane, points_[i].start + (skin ? kSkinBleed_m : 0.0F) * surface.normal, l);
    }
    if (!rays.any()) continue;
    const auto dark = frame_.tracer->blocked(rays);
    for (std::size_t i = 0; i < kLanes; ++i) {
      if (rays.active[i] && !dark[i]) sum[i] += contribution[i];
    }
  }
}

void Tile::add_ambient(const RayPacket& view, int sample, Lanes& sum) const {
  const int count = frame_.camera->ambient_rays;
  for (int k = 0; k < count; ++k) {
    RayPacket rays;
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto i = static_cast<std::size_t>(lane);
      if (!view.active[i]) continue;
      const Point2 p = on_disc(r2_point(shifts_[i].sky, sample * count + k));
      const Vec3f& n = points_[i].surface.normal;
      const auto [right, up] = tangents(n);
      const float height = std::sqrt(std::max(0.0F, 1.0F - p.x * p.x - p.y * p.y));
      rays.set(lane, points_[i].start, (p.x * right + p.y * up + height * n).normalized());
    }
    const Lanes light = incoming(rays);
    for (std::size_t i = 0; i < kLanes; ++i) {
      if (!view.active[i]) continue;
      // The directions are cosine-weighted, so each stands for pi of irradiance over pi. The
      // specular part sees the same light, which for a rough surface is nearly true.
      const internal::Surface& surface = points_[i].surface;
      const float n_v = std::clamp(-surface.normal.dot(view.direction[i]), 0.0F, 1.0F);
      const float shine = internal::specular_share(surface, n_v);
      const Vec3f share = (1.0F - shine) * surface.albedo + Vec3f::Constant(shine);
      sum[i] += share.cwiseProduct(light[i]) / static_cast<float>(count);
    }
  }
}

/// Radiance that arrives along each ray: sky, or a surface under lamps and half the sky.
Lanes Tile::incoming(const RayPacket& rays) const {
  Lanes light;
  light.fill(Vec3f::Zero());
  std::array<Hit, kLanes> hits;
  frame_.tracer->closest(rays, false, hits);
  std::array<SurfacePoint, kLanes> met;
  bool any = false;
  for (std::size_t i = 0; i < kLanes; ++i) {
    if (!rays.active[i]) continue;
    if (hits[i].object < 0) {
      light[i] = frame_.sky(rays.direction[i]);
      continue;
    }
    any = true;
    met[i] = frame_.tracer->point(hits[i], rays.direction[i]);
    light[i] =
        kBounceOpenness * met[i].surface.albedo.cwiseProduct(frame_.sky(met[i].surface.normal));
  }
  if (!any) return light;
  for (const Light& lamp : frame_.lights) {
    RayPacket shadow;
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto i = static_cast<std::size_t>(lane);
      if (rays.active[i] && hits[i].object >= 0 &&
          met[i].surface.normal.dot(lamp.direction) > 0.0F) {
        shadow.set(lane, met[i].start, lamp.direction);
      }
    }
    if (!shadow.any()) continue;
    const auto dark = frame_.tracer->blocked(shadow);
    for (std::size_t i = 0; i < kLanes; ++i) {
      if (!shadow.active[i] || dark[i]) continue;
      const float n_l = met[i].surface.normal.dot(lamp.direction);
      light[i] +=
          (n_l / static_cast<float>(kPi)) * met[i].surface.albedo.cwiseProduct(lamp.irradiance);
    }
  }
  return light;
}

void check_material(const VisibleMaterial& m, std::size_t index) {
  for (const Rgb& albedo : {m.albedo, m.iris}) {
    for (const float a : albedo) {
      if (!(a >= 0.0F && a <= 1.0F)) {
        throw_input("visible material {}: an albedo is {}; allowed: 0 to 1", index, a);
      }
    }
  }
  if (!(m.roughness >= 0.02 && m.roughness <= 1.0)) {
    throw_input("visible material {}: roughness is {}; allowed: 0.02 to 1", index, m.roughness);
  }
  if (!(m.f0 >= 0.0 && m.f0 <= 1.0)) {
    throw_input("visible material {}: f0 is {}; allowed: 0 to 1", index, m.f0);
  }
}

void check_light(const Rgb& light) {
  for (const float value : light) {
    THZ_REQUIRE(std::isfinite(value) && value >= 0.0F, "light is finite and not negative");
  }
}

void check_lighting(const VisibleLighting& lighting) {
  THZ_REQUIRE(lighting.lamps.size() <= 8, "at most 8 lamps");
  for (const Lamp& lamp : lighting.lamps) {
    check_light(lamp.irradiance);
    THZ_REQUIRE(lamp.direction.allFinite() && lamp.direction.norm() > 0.0,
                "a lamp has a direction");
    THZ_REQUIRE(lamp.angular_radius_rad >= 0.0 && lamp.angular_radius_rad <= 0.7,
                "a lamp's angular radius is in [0, 0.7] rad");
  }
  for (const Rgb& light : {lighting.sky, lighting.ground, lighting.background}) check_light(light);
}

}  // namespace

struct VisibleScene::Impl {
  Tracer tracer;
};

VisibleScene::VisibleScene(std::vector<VisibleObject> objects,
                           std::vector<VisibleMaterial> materials) {
  if (objects.empty()) throw_input("the visible scene has no objects; at least one is needed");
  for (std::size_t i = 0; i < materials.size(); ++i) check_material(materials[i], i);
  std::vector<internal::PreparedObject> prepared;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    prepared.push_back(internal::prepare(objects[i], i, materials));
  }
  impl_.reset(new Impl{{std::move(prepared), std::move(materials)}});
}

VisibleScene::~VisibleScene() = default;
VisibleScene::VisibleScene(VisibleScene&&) noexcept = default;
VisibleScene& VisibleScene::operator=(VisibleScene&&) noexcept = default;

RgbImage VisibleScene::radiance(const VisibleCamera& camera, const VisibleLighting& lighting,
                                uint64_t seed, uint64_t entity, int threads) const {
  camera.validate();
  check_lighting(lighting);
  const Vec3f sky = to_vec(lighting.sky);
  const Vec3f ground = to_vec(lighting.ground);
  Frame frame{&impl_->tracer,
              &camera,
              {},
              0.5F * (sky + ground),
              0.5F * (sky - ground),
              to_vec(lighting.background),
              seed,
              entity};
  for (const Lamp& lamp : lighting.lamps) frame.lights.push_back(make_light(lamp));
  const int n = camera.render_size;
  RgbImage out{ImageF(n, n), ImageF(n, n), ImageF(n, n)};
  const auto tiles = static_cast<std::size_t>(n / kTile);
  parallel_for(tiles * tiles, threads, [&](std::size_t i) {
    Tile(frame, kTile * static_cast<int>(i / tiles), kTile * static_cast<int>(i % tiles))
        .render(out);
  });
  return out;
}

}  // namespace thz::sim
